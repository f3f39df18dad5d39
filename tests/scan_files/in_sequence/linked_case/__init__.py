from .net import Client, load
