FROM stagelight-test/base
ENV A=1
LABEL b=2
EXPOSE 80
USER 1000
CMD ["sh"]
