FROM example.org/stagelight/base
ENV A=1
LABEL b=2
EXPOSE 80
USER 1000
CMD ["sh"]
