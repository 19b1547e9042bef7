# In the place of temporalio/temporal: the same program, from PyPI, under the same user.
FROM debian:12-slim
RUN useradd --uid 1000 --create-home temporal
COPY temporal /usr/local/bin/temporal
USER temporal
ENTRYPOINT ["temporal"]
