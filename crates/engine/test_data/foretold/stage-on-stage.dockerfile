#: files Gemfile app.rb
FROM example.org/stagelight/base AS base
ENV RAILS_ENV=production
COPY Gemfile /app/
FROM base AS development
RUN echo gems > /gems
FROM base AS production
COPY app.rb /app/
#: then edit app.rb
