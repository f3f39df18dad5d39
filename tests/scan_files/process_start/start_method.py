# rules: IOB604
import multiprocessing as mp


# case: after a queue was made
def late():
    waiting = mp.Queue()
    mp.set_start_method("spawn")  # expect: IOB604
    return waiting


# case: after a pool was made
def later(work, items):
    with mp.Pool() as pool:
        pool.map(work, items)
    mp.set_start_method("forkserver")  # expect: IOB604


# case: before anything else
def early():
    mp.set_start_method("spawn")
    return mp.Queue()


# case: after a pool with a context of its own
def own_context(work, items):
    context = mp.get_context("spawn")
    with context.Pool() as pool:
        pool.map(work, items)
    mp.set_start_method("spawn")


# case: in the main program
if __name__ == "__main__":
    mp.set_start_method("spawn")
    early()
