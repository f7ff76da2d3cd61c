# escape=`
FROM example.org/stagelight/base AS build
# a comment
RUN echo a > /a && `
    # in between
    echo b > /b
FROM scratch
COPY --from=build /a /b `
  /
