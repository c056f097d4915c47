#!/bin/bash
# A database and two roles for each service: the owner migrates, the app runs and owns nothing.
# Runs once, when the volume is empty; running it again changes nothing but the passwords.
set -euo pipefail

make_service() {
  local service=$1 owner_password=$2 app_password=$3
  psql --quiet --set ON_ERROR_STOP=1 --dbname "${POSTGRES_DB:-postgres}" \
    --set service="$service" --set owner="${service}_owner" --set app="${service}_app" \
    --set owner_password="$owner_password" --set app_password="$app_password" <<'SQL'
SELECT format('CREATE ROLE %I', role) FROM unnest(ARRAY[:'owner', :'app']) AS role
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) \gexec
ALTER ROLE :"owner" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
  PASSWORD :'owner_password';
ALTER ROLE :"app" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
  PASSWORD :'app_password';
SELECT format('CREATE DATABASE %I OWNER %I', :'service', :'owner')
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'service') \gexec
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"service" TO :"app";
\connect :"service"
ALTER SCHEMA public OWNER TO :"owner";
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO :"app";
SQL
}

for service in personnel training hours funding evaluation; do
  name=${service^^}
  owner_password=${name}_OWNER_PASSWORD
  app_password=${name}_APP_PASSWORD
  make_service "$service" "${!owner_password:?}" "${!app_password:?}"
done
