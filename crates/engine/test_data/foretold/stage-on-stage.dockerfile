#: files Gemfile app.rb
FROM stagelight-test/base AS base
ENV RAILS_ENV=production
COPY Gemfile /app/
FROM base AS development
RUN echo gems > /gems
FROM base AS production
COPY app.rb /app/
#: then edit app.rb
