#include "compose/dependency_cycle.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "compose/lookup.hpp"

namespace compose {
namespace {

enum class Mark : std::uint8_t { fresh, open, done };

struct Vertex {
  std::string_view name;
  std::vector<std::pair<std::size_t, const doc::Entry*>> edges;  // in name order
  Mark mark = Mark::fresh;
};

std::vector<Vertex> dependency_graph(const doc::Mapping& services) {
  std::vector<Vertex> vertices;
  std::unordered_map<std::string_view, std::size_t> index;
  for (const doc::Entry& entry : services.entries) {
    index.emplace(entry.key.value, vertices.size());
    vertices.push_back({entry.key.value, {}, Mark::fresh});
  }
  std::size_t i = 0;
  for (const doc::Entry& entry : services.entries) {
    if (const doc::Mapping* dependencies = mapping_at(entry.value, "depends_on")) {
      for (const doc::Entry& dependency : dependencies->entries) {
        if (const auto at = index.find(dependency.key.value); at != index.end()) {
          vertices[i].edges.emplace_back(at->second, &dependency);
        }
      }
    }
    std::sort(vertices[i].edges.begin(), vertices[i].edges.end(), [](const auto& a, const auto& b) {
      return a.second->key.value < b.second->key.value;
    });
    ++i;
  }
  return vertices;
}

}  // namespace

// Depth first in name order, without recursion: chains may be long.
void check_cycles(const doc::Node& project, Problems& problems) {
  std::vector<Vertex> vertices = dependency_graph(*mapping_at(project, "services"));

  struct Frame {
    std::size_t vertex;
    std::size_t next_edge;
  };

  for (std::size_t start = 0; start < vertices.size(); ++start) {
    if (vertices[start].mark != Mark::fresh) {
      continue;
    }
    std::vector<Frame> stack{{start, 0}};
    vertices[start].mark = Mark::open;
    while (!stack.empty()) {
      Frame& frame = stack.back();
      Vertex& vertex = vertices[frame.vertex];
      if (frame.next_edge == vertex.edges.size()) {
        vertex.mark = Mark::done;
        stack.pop_back();
        continue;
      }
      const auto [target, entry] = vertex.edges[frame.next_edge++];
      if (vertices[target].mark == Mark::open) {
        std::string text;
        bool inside = false;
        for (const Frame& each : stack) {
          inside = inside || each.vertex == target;
          text += inside ? std::string(vertices[each.vertex].name) + " -> " : "";
        }
        problems.error("compose.dependency-cycle",
                       "dependency cycle detected: " + text + std::string(vertices[target].name),
                       known(entry->key.span));
        return;
      }
      if (vertices[target].mark == Mark::fresh) {
        vertices[target].mark = Mark::open;
        stack.push_back({target, 0});
      }
    }
  }
}

}  // namespace compose
