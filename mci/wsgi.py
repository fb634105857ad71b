import os

from django.core.wsgi import get_wsgi_application

from core import tenancy
from core.inbound import senders
from mci.web.bodies import Bodies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mci.settings")
tenancy.serve_pages()
application = senders.Counted(Bodies(get_wsgi_application()))

from core.inbound import slots  # noqa: E402 - Django is set up by now

slots.serve(threads=int(os.environ.get("GRANIAN_BLOCKING_THREADS") or 0))
