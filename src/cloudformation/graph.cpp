#include "cloudformation/graph.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "cloudformation/intrinsics.hpp"
#include "util/strings.hpp"

namespace cloudformation {
namespace {

// Kahn's algorithm, taking the first ready resource in template order; what is left over is in or
// behind a cycle.
std::vector<std::size_t> sorted(const std::vector<std::vector<std::size_t>>& dependencies) {
  std::vector<std::size_t> waiting(dependencies.size());
  std::vector<std::vector<std::size_t>> dependents(dependencies.size());
  std::set<std::size_t> ready;
  for (std::size_t i = 0; i < dependencies.size(); ++i) {
    waiting[i] = dependencies[i].size();
    for (const std::size_t d : dependencies[i]) {
      dependents[d].push_back(i);
    }
    if (waiting[i] == 0) {
      ready.insert(i);
    }
  }
  std::vector<std::size_t> out;
  while (!ready.empty()) {
    const std::size_t next = *ready.begin();
    ready.erase(ready.begin());
    out.push_back(next);
    for (const std::size_t d : dependents[next]) {
      if (--waiting[d] == 0) {
        ready.insert(d);
      }
    }
  }
  return out;
}

// Members of cycles only: strip, again and again, what nobody left depends on.
std::vector<std::string> cycle_members(const Template& t,
                                       const std::vector<std::vector<std::size_t>>& dependencies,
                                       const std::vector<std::size_t>& order) {
  std::set<std::size_t> left;
  for (std::size_t i = 0; i < dependencies.size(); ++i) {
    left.insert(i);
  }
  for (const std::size_t i : order) {
    left.erase(i);
  }
  bool changed = true;
  while (changed) {
    std::set<std::size_t> needed;
    for (const std::size_t i : left) {
      needed.insert(dependencies[i].begin(), dependencies[i].end());
    }
    changed = std::erase_if(left, [&](std::size_t i) { return !needed.contains(i); }) > 0;
  }
  std::vector<std::string> names;
  for (const std::size_t i : left) {
    names.push_back(t.resources[i].id.str());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

std::vector<std::size_t> Graph::order() const {
  return sorted(dependencies);
}

util::Result<Graph, TemplateError> make_graph(const Template& t,
                                              const std::function<bool(const Resource&)>& active) {
  std::map<std::string, std::size_t, std::less<>> index;
  for (std::size_t i = 0; i < t.resources.size(); ++i) {
    if (active(t.resources[i])) {
      index.emplace(t.resources[i].id.str(), i);
    }
  }
  Graph out;
  out.dependencies.resize(t.resources.size());
  for (const auto& [name, i] : index) {
    std::set<std::size_t> found;
    const auto add = [&](const std::string& target) {
      if (const auto at = index.find(target); at != index.end()) {
        found.insert(at->second);
      }
    };
    for (const LogicalId& id : t.resources[i].depends_on) {
      add(id.str());
    }
    for (const Reference& r : references(t.resources[i].properties)) {
      add(r.target);
    }
    out.dependencies[i].assign(found.begin(), found.end());
  }
  const std::vector<std::size_t> order = sorted(out.dependencies);
  if (order.size() != t.resources.size()) {
    return util::unexpected(
        TemplateError{"Circular dependency between resources: [" +
                          util::join(cycle_members(t, out.dependencies, order), ", ") + "]",
                      {}});
  }
  return out;
}

}  // namespace cloudformation
