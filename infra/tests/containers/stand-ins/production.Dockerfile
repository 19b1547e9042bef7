# In the place of postgres, temporalio/server, temporalio/admin-tools and temporalio/ui, which no package source has:
# what the compose file calls in them. PART says whose place it takes.
FROM spanishgas-test/emulators
USER root
RUN useradd --uid 1000 --create-home temporal && mkdir -p /etc/temporal && ln -s /stand-in/server.sh /etc/temporal/entrypoint.sh
COPY temporal pg_isready nc temporal-sql-tool /usr/local/bin/
COPY start.sh server.sh tls_front.py ui.py /stand-in/
ARG PART
ARG USER_OF_PART=1000
ENV PART=${PART}
USER ${USER_OF_PART}
HEALTHCHECK NONE
CMD ["/bin/sh", "/stand-in/start.sh"]
