FROM debian
RUN groupadd -r app && useradd -m -g app app && adduser --disabled-password --home /srv/bob bob
