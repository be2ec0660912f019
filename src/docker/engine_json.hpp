#pragma once

#include <string>
#include <string_view>

#include "doc/node.hpp"
#include "docker/types.hpp"

// Typed values <-> the Engine API's documents. Pure.
namespace docker {

doc::Node create_body(const ContainerSpec& spec);
doc::Node network_body(const NetworkSpec& spec);
std::string registry_auth(const RegistryCredentials& credentials);  // value of X-Registry-Auth

Container container_from_inspect(const doc::Node& node);
Container container_from_list(const doc::Node& node);
ImageConfig image_from_inspect(const doc::Node& node);
Network network_from_list(const doc::Node& node);
Volume volume_from_list(const doc::Node& node);
Event event_from(const doc::Node& node);

// "name:tag", "registry:5000/name@sha256:..." -> what /images/create takes
struct ImageReference {
  std::string name;
  std::string tag;  // or digest; "latest" when the reference has none
};

ImageReference split_reference(std::string_view reference);

}  // namespace docker
