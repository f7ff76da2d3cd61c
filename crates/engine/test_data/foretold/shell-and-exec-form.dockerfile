FROM example.org/stagelight/base
SHELL ["/bin/sh", "-ec"]
RUN echo shell > /shell
RUN ["/bin/sh", "-c", "echo exec > /exec"]
