from store import read_some

read_some("a")
