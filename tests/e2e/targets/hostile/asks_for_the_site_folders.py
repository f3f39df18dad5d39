import site
import sys

print(site.getsitepackages(), site.ENABLE_USER_SITE, "sitecustomize" in sys.modules)
