# rules: IOB201, IOB202, IOB212
import requests
from pydantic import BaseModel, SecretStr, TypeAdapter


def _import_tokens():
    try:
        import tokens
    except ImportError as error:
        raise ImportError("install tokens") from error
    return tokens


class Rows(BaseModel):
    key: SecretStr
    rows: TypeAdapter


class Service:
    def __init__(self, key: SecretStr, rows: TypeAdapter, client):
        self.key = key
        self.rows = rows
        self.client = client

    # case: parameters of lambdas, and what comprehensions run over
    def sorted_rows(self, urls):
        found = []
        for url in urls:  # expect: IOB201
            rows = requests.get(url).json()
            found.extend([row.wanted("name") for row in sorted(rows, key=lambda row: row.compared())])
        return found

    # case: values that are only read
    def post(self, text):
        key = self.key.get_secret_value()
        return self.rows.validate_json(requests.post("https://rows.test", json=text, headers={"key": key}).text)

    def post_all(self, texts):
        return [self.post(text) for text in texts]  # expect: IOB202

    # case: an object of which nothing is known
    def get_all(self, urls):
        found = []
        for url in urls:  # expect: IOB201
            found.append(self.client.compared(requests.get(url).text))
        return found


# case: a module that a function imports
def counted(urls):
    tokens = _import_tokens()
    return [tokens.count_all(requests.get(url).text) for url in urls]  # expect: IOB202
