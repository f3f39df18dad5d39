# rules: IOB206
from django.core.cache import cache
from django.db import migrations


# case: runs once for each database
def forget(apps, schema_editor):
    for key in apps.get_model("shop", "Setting").objects.values_list("key"):
        cache.delete(f"setting_{key}")  # expect: IOB206~


class Migration(migrations.Migration):
    operations = [migrations.RunPython(forget)]
