# rules: IOB404, IOB408, IOB410, IOB411, IOB413, IOB415
import asyncio
import contextlib
import contextvars
import decimal
import io
import locale
import os
import random
import signal
import subprocess
import threading
import warnings
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

user = contextvars.ContextVar("user", default=None)


# case: the working directory
def build(folder):
    os.chdir(folder)  # expect: IOB404
    subprocess.run(["make"], check=True)


def build_all(folders):
    with ThreadPoolExecutor() as pool:
        list(pool.map(build, folders))


# case: in processes
def build_here(folder):
    os.chdir(folder)
    subprocess.run(["make"], check=True)


def build_all_in_processes(folders):
    with ProcessPoolExecutor() as pool:
        list(pool.map(build_here, folders))


# case: a folder for the child
def build_there(folder):
    subprocess.run(["make"], cwd=folder, check=True)


def build_all_there(folders):
    with ThreadPoolExecutor() as pool:
        list(pool.map(build_there, folders))


# case: the environment
def set_up(name):
    os.environ["JOB"] = name  # expect: IOB404
    subprocess.run(["job"], check=True)


def set_up_all(names):
    for name in names:
        threading.Thread(target=set_up, args=(name,)).start()


# case: an environment for the child
def set_up_there(name):
    subprocess.run(["job"], env={**os.environ, "JOB": name}, check=True)


def set_up_all_there(names):
    for name in names:
        threading.Thread(target=set_up_there, args=(name,)).start()


# case: the main thread before others start
def main(folders):
    os.chdir("/srv")
    build_all_there(folders)


# case: through a function, and with a context manager
def inside(folder):
    enter(folder)


def enter(folder):
    with contextlib.chdir(folder):  # expect: IOB404
        print(os.listdir("."))


def all_inside(folders):
    with ThreadPoolExecutor() as pool:
        list(pool.map(inside, folders))


# case: seeds of the module's generator
def draw(seed):
    random.seed(seed)  # expect: IOB408
    return random.random()


def draws(seeds):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(draw, seeds))


# case: NumPy's as well
def sample(seed):
    np.random.seed(seed)  # expect: IOB408
    return np.random.rand(3)


def samples(seeds):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(sample, seeds))


# case: a generator of its own
def draw_alone(seed):
    return random.Random(seed).random()


def draws_alone(seeds):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(draw_alone, seeds))


# case: each process has a generator
def draws_in_processes(seeds):
    with ProcessPoolExecutor() as pool:
        return list(pool.map(sample_in_process, seeds))


def sample_in_process(seed):
    random.seed(seed)
    return random.random()


# case: pyplot
def chart(values):
    plt.plot(values)  # expect: IOB410
    plt.savefig("chart.png")  # expect: IOB410


def charts(several):
    with ThreadPoolExecutor() as pool:
        list(pool.map(chart, several))


# case: a figure of its own
def figure(values):
    made = Figure()
    made.subplots().plot(values)
    made.savefig("chart.png")


def figures(several):
    with ThreadPoolExecutor() as pool:
        list(pool.map(figure, several))


# case: pyplot in the main thread
def show(values):
    plt.plot(values)
    plt.show()


# case: a signal handler in a thread
def listen():
    signal.signal(signal.SIGTERM, print)  # expect: IOB411


def start_listening():
    threading.Thread(target=listen).start()


# case: a thread that asks in which thread it is
def listen_carefully():
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, print)


def start_listening_carefully():
    threading.Thread(target=listen_carefully).start()


# case: locale and umask
def write_report(path):
    locale.setlocale(locale.LC_ALL, "de_DE")  # expect: IOB411
    os.umask(0o077)  # expect: IOB411
    return path


def write_reports(paths):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(write_report, paths))


# case: in the main thread
def prepare():
    signal.signal(signal.SIGTERM, print)
    locale.setlocale(locale.LC_ALL, "")


# case: a context variable in a pool
def greet(name):
    return f"{user.get()}: {name}"  # expect: IOB413


def greetings(names):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(greet, names))


# case: to_thread copies the context
def greet_there(name):
    return f"{user.get()}: {name}"


async def greeting(name):
    return await asyncio.to_thread(greet_there, name)


# case: the worker sets it
def greet_as(name):
    user.set(name)
    return user.get()


def greetings_as(names):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(greet_as, names))


# case: run in a copy of the context
def greetings_with_copy(names):
    with ThreadPoolExecutor() as pool:
        return [pool.submit(contextvars.copy_context().run, greet_there, name) for name in names]


# case: decimals with another precision
def divide(number):
    return decimal.Decimal(1) / number


def divided(numbers):
    with decimal.localcontext() as context, ThreadPoolExecutor() as pool:
        context.prec = 50
        return list(pool.map(divide, numbers))  # expect: IOB413


# case: the context is set in the worker
def divide_exactly(number):
    with decimal.localcontext() as context:
        context.prec = 50
        return decimal.Decimal(1) / number


def divided_exactly(numbers):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(divide_exactly, numbers))


# case: warnings are caught for all
def quiet(item):
    with warnings.catch_warnings():  # expect: IOB415
        warnings.simplefilter("ignore")
        return item()


def all_quiet(items):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(quiet, items))


# case: output is caught for all
def captured(item):
    text = io.StringIO()
    with contextlib.redirect_stdout(text):  # expect: IOB415
        item()
    return text.getvalue()


def all_captured(items):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(captured, items))


# case: caught once around all threads
def plain(item):
    return item()


def caught_around(items):
    with warnings.catch_warnings(), ThreadPoolExecutor() as pool:
        return list(pool.map(plain, items))


# case: processes have their own
def all_captured_in_processes(items):
    with ProcessPoolExecutor() as pool:
        return list(pool.map(captured_alone, items))


def captured_alone(item):
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        item()
    return text.getvalue()


# case: a branch that only an argument leads to, and nobody gives it
def started(folder=None):
    if folder is not None:
        os.chdir(folder)  # expect: IOB404~
    return os.getcwd()


def start_elsewhere():
    threading.Thread(target=started).start()


# case: somebody gives it
def started_in(folder=None):
    if folder is not None:
        os.chdir(folder)  # expect: IOB404
    return os.getcwd()


def start_in(folder):
    threading.Thread(target=started_in, args=(folder,)).start()
