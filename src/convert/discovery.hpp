#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "convert/builder.hpp"

namespace convert {

// How services find each other: `x-aws-discovery` of the project or of a service. Cloud Map answers
// DNS for every client and protocol, under <service>.<project>.local; Service Connect writes bare
// names into the containers' /etc/hosts and proxies TCP.
enum class Discovery : std::uint8_t { none, cloud_map, service_connect, both };

Discovery discovery_of(const compose::Project& project, const compose::Service& service);

// The namespace is made unless no service wants one.
bool has_namespace(const compose::Project& project);
void add_namespace(Builder& builder);

// `x-aws-discovery: {search: container}`: a container that runs first writes the search domain into
// the task's /etc/resolv.conf, which all its containers share. Every resolver reads it, also those
// that do not know LOCALDOMAIN.
inline constexpr std::string_view kSearchContainer = "search--domain";
bool searches_by_container(const compose::Project& project, const compose::Service& service);
doc::Node search_container(Builder& builder, const compose::Service& service);

// What the C library appends to a bare name; nothing where there is no Cloud Map.
std::optional<std::string> search_domain(const compose::Project& project);

// The service's entry in Cloud Map, if it has one.
void add_discovery_entry(Builder& builder, const compose::Service& service);
// ServiceRegistries and ServiceConnectConfiguration of the ECS service.
void add_discovery_properties(Fields& out,
                              const compose::Project& project,
                              const compose::Service& service);

// PortMappings of a container: each port once, also those without a listener; named when Service
// Connect refers to them.
doc::Node port_mappings(const compose::Project& project, const compose::Service& service);

// Reports values that mean nothing, and services that cannot find others by bare name.
void check_discovery(Builder& builder);

}  // namespace convert
