# One image for every process of the bank; docker-compose.yml says which one a container is.
FROM python:3.11-slim-bookworm AS packages
WORKDIR /bank
RUN python -m venv /venv
COPY requirements.txt ./
RUN --mount=type=cache,target=/root/.cache/pip \
    /venv/bin/pip install --disable-pip-version-check --require-hashes -r requirements.txt

FROM python:3.11-slim-bookworm
# Pango and HarfBuzz draw the PDFs; LightGBM needs OpenMP.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /bank bank
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=kitbank.settings.production
WORKDIR /bank
COPY --from=packages /venv /venv
COPY manage.py ./
COPY kitbank kitbank
COPY apps apps
COPY templates templates
COPY static static
COPY locale locale
# The developers' pages show these.
COPY docs docs
COPY CHANGELOG.md ./
# The values are for this step alone: collectstatic imports the settings, which insist on having secrets.
RUN mkdir -p var && SECRET_KEY=build ALLOWED_HOSTS=build DATABASE_URL=postgresql://build/build \
    FIELD_KEYS=build:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
    BLIND_INDEX_KEY=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
    python manage.py collectstatic --noinput \
    && mkdir -p var/media && chown -R bank: var
USER bank
EXPOSE 8000
CMD ["gunicorn", "kitbank.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "kitbank.balanced.BalancedWorker", "--workers", "2", \
     "--threads", "4", "--preload", "--no-control-socket", "--worker-tmp-dir", "/dev/shm"]
