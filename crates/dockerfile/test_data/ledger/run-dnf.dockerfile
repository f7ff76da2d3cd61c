FROM fedora
RUN microdnf install -y --setopt install_weak_deps=0 httpd && microdnf clean all
