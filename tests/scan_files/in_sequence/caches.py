# rules: IOB206
from django.core.cache import cache


# case: a cache takes many at once
def forget(settings):
    for setting in settings:
        cache.delete(f"setting_{setting.key}")  # expect: IOB206


# case: as the cache offers it
def forget_together(settings):
    cache.delete_many([f"setting_{setting.key}" for setting in settings])
