FROM ruby:3.0.3 as base

# ...Install dependencies...
# ...Setup non-root user...

WORKDIR /app
USER $USER
RUN gem install bundler

# development stage
FROM base as dev
COPY ./app/Gemfile* ./
RUN bundle install
CMD [rails, s, -b, "0.0.0.0"]
