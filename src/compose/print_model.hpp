#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "doc/node.hpp"

namespace compose {

enum class ModelFormat : std::uint8_t { yaml, json };
enum class ModelState : std::uint8_t { bound, raw };

// The text of `docker compose config`: attributes in the reference's order, the keys of free
// mappings sorted as it sorts them. A bound model loads again to the same model: every `$` in it is
// doubled, but in keys, where no variable is looked for. JSON keeps what the reference drops there:
// extensions inside of resources, and models.
std::string print_model(doc::Node tree, ModelState state, ModelFormat format);

// The hash of a bound service by which docker compose tells whether a container is up to date.
// `default_platform` is that of services which are built and name none (DOCKER_DEFAULT_PLATFORM).
std::string service_hash(doc::Node service, std::string_view default_platform);

// a2 before a10, and letters after everything else: how go-yaml sorts keys.
bool natural_less(std::string_view a, std::string_view b);

}  // namespace compose
