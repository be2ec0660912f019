#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "doc/node.hpp"

namespace local {

// Durable records: (kind, id) -> document. Everything that must survive `kill -9` goes through
// here. Writes made while one inbox message runs form one transaction, committed before any answer
// leaves the engine; a module keeps typed maps in memory for reading and writes through. Kinds are
// "<module>.<thing>", e.g. "ecs.service".
class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  virtual void put(std::string_view kind, std::string_view id, const doc::Node& body) = 0;
  virtual void remove(std::string_view kind, std::string_view id) = 0;
  // In order of first insertion. Called at start, by each module, for its own kinds.
  virtual void each(
      std::string_view kind,
      const std::function<void(const std::string& id, const doc::Node& body)>& visit) = 0;
};

}  // namespace local
