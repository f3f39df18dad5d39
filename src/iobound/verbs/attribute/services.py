"""Names of services by their usual ports, and of what a thread waits for."""

from __future__ import annotations

from iobound.model.recording import Channel
from iobound.model.state import State
from iobound.verbs.attribute.frames import StackTable

SERVICES: dict[int, str] = {
    21: "ftp",
    22: "ssh",
    25: "smtp",
    53: "dns",
    80: "http",
    110: "pop3",
    123: "ntp",
    143: "imap",
    389: "ldap",
    443: "https",
    445: "smb",
    465: "smtps",
    587: "smtp",
    636: "ldaps",
    873: "rsync",
    993: "imaps",
    995: "pop3s",
    1433: "sqlserver",
    1521: "oracle",
    1883: "mqtt",
    2049: "nfs",
    2181: "zookeeper",
    2379: "etcd",
    3128: "proxy",
    3306: "mysql",
    4222: "nats",
    5432: "postgresql",
    5671: "amqps",
    5672: "amqp",
    5984: "couchdb",
    6379: "redis",
    6432: "pgbouncer",
    7474: "neo4j",
    7687: "neo4j",
    8086: "influxdb",
    8123: "clickhouse",
    8500: "consul",
    8883: "mqtts",
    9000: "clickhouse or minio",
    9042: "cassandra",
    9090: "prometheus",
    9092: "kafka",
    9200: "elasticsearch",
    11211: "memcached",
    27017: "mongodb",
}
"""Well-known ports; a name is a hint, for nothing stops another service from using the port."""


def with_service(target: str) -> str:
    """Add the usual service of a `host:port`.

    Example:
        >>> with_service("127.0.0.1:5432")
        '127.0.0.1:5432 (postgresql)'
        >>> with_service("127.0.0.1:40001")
        '127.0.0.1:40001'
    """
    _, colon, port = target.rpartition(":")
    service = SERVICES.get(int(port)) if colon and port.isascii() and port.isdigit() else None
    return f"{target} ({service})" if service else target


def target_of(state: State, channel: Channel, stack: int, table: StackTable) -> str:
    """What a thread in a wait waits for, for people; empty when that is not known.

    A lock has no name of its own: it goes by the place in the user's code that waits for it.
    """
    if state in (State.WAIT_LOCK, State.WAIT_GIL):
        place = table.users_place(stack)
        if place < 0 or state is State.WAIT_GIL:
            return ""
        return f"lock at {short_file(table.places[place].file)}:{table.line(place)}"
    return with_service(channel.target) if state is State.WAIT_NETWORK else channel.target


def short_file(file: str) -> str:
    """Last part of a path, whichever system it is from."""
    return file.replace("\\", "/").rpartition("/")[2] or file
