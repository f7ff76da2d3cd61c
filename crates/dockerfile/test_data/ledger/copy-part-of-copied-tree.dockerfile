FROM scratch AS a
COPY site/ /www
FROM scratch
COPY --from=a /www/css/main.css /main.css
