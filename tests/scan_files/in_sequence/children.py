# rules: IOB2
import os
import subprocess


# case: a child for each file
def converts(files):
    for file in files:  # expect: IOB211
        subprocess.run(["convert", file], check=True)


# case: through a helper
def git(*args):
    return subprocess.check_output(["git", *args])


def pulls(folders):
    for folder in folders:  # expect: IOB211
        git("-C", folder, "pull")


# case: a shell for each
def shells(names):
    for name in names:  # expect: IOB211
        os.system(f"gzip {name}")


# case: three steps of a build, each needs the one before
def build():
    for step in ("configure", "make", "install"):
        subprocess.run([step], check=True)


# case: stops at the first failure
def checks(commands):
    for command in commands:  # expect: IOB212
        if subprocess.call(command) != 0:
            return False
    return True


# case: started first, waited for afterwards
def at_once(commands):
    children = [subprocess.Popen(command) for command in commands]
    return [child.poll() for child in children]


# case: attempts
def patient(command):
    for attempt in range(4):
        try:
            return subprocess.run(command, check=True)
        except subprocess.CalledProcessError:
            print(attempt)
    return None


# case: commands may need what others did before: a hint
def runs(commands):
    for command in commands:  # expect: IOB211~
        subprocess.run(command, check=True)


# case: what is installed changes the same environment
def install_package(name):
    return subprocess.run(["pip", "install", name], check=False).returncode == 0


def install_all(names):
    return [install_package(name) for name in names]  # expect: IOB211~


# case: the same command five times is an attempt, no item
def looks_again():
    for number in range(5):
        try:
            if os.system("cat shared/test.txt") != 0:
                raise ValueError("not there")
        except ValueError:
            if number > 4:
                raise


# case: another command each time
def looks_at_all():
    for number in range(5):  # expect: IOB211
        os.system(f"gzip shared/{number}.txt")


# case: the items are commands themselves: only who wrote them knows
def shell(terms):
    out = []
    for term in terms:  # expect: IOB211~
        term = str(term)
        out.append(subprocess.check_output(term, shell=True))
    return out
