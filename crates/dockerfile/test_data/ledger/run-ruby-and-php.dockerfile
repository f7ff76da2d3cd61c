FROM ruby AS r
WORKDIR /app
COPY Gemfile ./
RUN bundle config set --local path /gems
RUN bundle install
FROM composer AS c
WORKDIR /app
COPY composer.json ./
RUN composer install
FROM alpine
COPY --from=r /gems /gems
COPY --from=c /app/vendor /vendor
