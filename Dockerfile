# Two stages: what builds is not in what runs. The final image runs as a user without rights.
FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
COPY requirements.lock /tmp/
RUN pip install --quiet --require-hashes -r /tmp/requirements.lock && python -m compileall -q /opt/venv
WORKDIR /srv/mci
COPY . .
# Collecting static files needs settings, not secrets: these values live for this line only.
RUN MCI_ENV=production SITE_URL=https://build.example ALLOWED_HOSTS=build.example \
    SECRET_KEY=only-for-collectstatic-0123456789-abcdefghijklmnopqrstuvwxyz \
    FIELD_KEYS=$(python -c "import base64, os; print(base64.b64encode(os.urandom(32)).decode())") \
    DATABASE_URL=postgresql://build/build REDIS_URL=redis://build \
    python manage.py collectstatic --noinput --verbosity 0 && python -m compileall -q .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /srv/mci --shell /usr/sbin/nologin mci \
    && mkdir -p /srv/mci/var/media && chown -R mci:mci /srv/mci/var
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/mci /srv/mci
WORKDIR /srv/mci
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    MCI_ENV=production DJANGO_SETTINGS_MODULE=mci.settings \
    GRANIAN_HOST=0.0.0.0 GRANIAN_PORT=8000 GRANIAN_INTERFACE=wsgi GRANIAN_WEBSOCKETS=false GRANIAN_WORKERS=2 \
    GRANIAN_BLOCKING_THREADS=64 GRANIAN_RESPAWN_FAILED_WORKERS=true GRANIAN_RESPAWN_INTERVAL=10 \
    GRANIAN_WORKERS_KILL_TIMEOUT=20
USER mci
VOLUME /srv/mci/var/media
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["granian", "mci.wsgi:application"]
