#: files conf
FROM example.org/stagelight/base
ENV DIR=/opt/app NAME=settings
COPY conf ${DIR}/${NAME}
RUN cat ${DIR}/settings
#: then edit conf
