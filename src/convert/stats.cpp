#include "convert/stats.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "cloudformation/limits.hpp"
#include "convert/naming.hpp"
#include "doc/json_writer.hpp"

namespace convert {
namespace {

namespace limits = cloudformation::limits;

using Count = std::map<std::string, std::size_t>;

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

std::string right(std::size_t number, std::size_t width) {
  const std::string text = std::to_string(number);
  return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

std::string limit_line(const std::string& name, std::size_t used, std::size_t most) {
  const std::string left = used > most ? std::to_string(used - most) + " too many"
                                       : std::to_string(most - used) + " left";
  return "  " + padded(name, 20) + right(used, 9) + " of " + padded(std::to_string(most), 9) + left +
         "\n";
}

std::string table(const std::string& title, const Count& count) {
  std::vector<std::pair<std::string, std::size_t>> rows(count.begin(), count.end());
  std::ranges::stable_sort(rows, [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string out = "\n" + title + "\n";
  for (const auto& [name, number] : rows) {
    out += right(number, 7) + "  " + name + "\n";
  }
  return out;
}

// The service whose part of the ids comes first in `id`; empty for what all services share.
std::string service_of(const std::map<std::string, std::string>& parts, const std::string& id) {
  for (auto at = parts.upper_bound(id); at != parts.begin();) {
    --at;
    const bool whole = id.size() == at->first.size() ||
                       (id.starts_with(at->first) && id[at->first.size()] >= 'A' &&
                        id[at->first.size()] <= 'Z');
    if (id.starts_with(at->first) && whole) {
      return at->second;
    }
    if (at->first.empty() || at->first.front() != id.front()) {
      break;
    }
  }
  return {};
}

std::size_t dynamic_references(const std::string& json) {
  std::size_t count = 0;
  for (std::size_t at = json.find("{{resolve:"); at != std::string::npos;
       at = json.find("{{resolve:", at + 1)) {
    ++count;
  }
  return count;
}

}  // namespace

std::string stats_text(const compose::Project& project,
                       const cloudformation::Template& t,
                       const std::string& json) {
  std::map<std::string, std::string> parts;
  for (const auto& [name, service] : project.services) {
    parts.emplace(id_part(name), name);
  }
  Count by_type;
  Count by_service;
  for (const cloudformation::Resource& resource : t.resources) {
    ++by_type[resource.type];
    const std::string service = service_of(parts, resource.id.str());
    ++by_service[service.empty() ? "(shared)" : service];
  }
  std::string out = "template of project " + project.name + "\n";
  out += limit_line("resources", t.resources.size(), limits::kResources);
  out += limit_line("parameters", t.parameters.size(), limits::kParameters);
  out += limit_line("outputs", t.outputs.size(), limits::kOutputs);
  out += limit_line("dynamic references", dynamic_references(json), limits::kDynamicReferences);
  out += limit_line("bytes", json.size(), limits::kUploadedBytes);
  out += json.size() > limits::kInlineBytes
             ? "  more than " + std::to_string(limits::kInlineBytes) +
                   " bytes: `up` sends it through S3\n"
             : "  at most " + std::to_string(limits::kInlineBytes) +
                   " bytes: `up` sends it in its request\n";
  return out + table("resources by type", by_type) + table("resources by service", by_service);
}

}  // namespace convert
