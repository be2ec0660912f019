#pragma once

#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

#include "cloudformation/parse.hpp"
#include "cloudformation/template.hpp"
#include "util/result.hpp"

namespace cloudformation {

// What must exist before what: DependsOn, and every reference of the properties. Indices are into
// Template::resources.
struct Graph {
  std::vector<std::vector<std::size_t>>
      dependencies;  // of each resource, in template order, each once

  // Dependencies before dependents; among the rest template order.
  [[nodiscard]] std::vector<std::size_t> order() const;
};

// `active` says which resources exist at all (conditions); an inactive one has no edges. A cycle is
// an error in CloudFormation's words ("Circular dependency between resources: [A, B]").
util::Result<Graph, TemplateError> make_graph(
    const Template& t,
    const std::function<bool(const Resource&)>& active = [](const Resource&) { return true; });

}  // namespace cloudformation
