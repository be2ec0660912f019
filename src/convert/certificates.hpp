#pragma once

#include <vector>

#include "convert/builder.hpp"
#include "convert/ports.hpp"

namespace convert {

struct Certificate {
  const PublishedPort* port = nullptr;  // that brings it
  std::size_t index = 0;                // among those of the port
  doc::Node arn;
};

// The certificates of the ports, each ARN once, in the order of the ports.
std::vector<Certificate> certificates_of(const std::vector<const PublishedPort*>& ports);

// `certificate: auto`: a certificate of Certificate Manager for the port's hosts, validated by
// records in its hosted zone.
void add_certificates(Builder& builder, const std::vector<PublishedPort>& ports);

// An alias record for each host whose hosted zone is known, unless `dns: false`.
void add_host_records(Builder& builder, const std::vector<PublishedPort>& ports);

}  // namespace convert
