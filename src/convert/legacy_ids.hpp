#pragma once

#include <map>
#include <string>
#include <vector>

#include "cloudformation/template.hpp"
#include "compose/project.hpp"

namespace convert {

// How the earlier tools spelled the logical ids of this template, where they differ from ours, so
// that overlays and patches written for them go on to work.
class LegacyIds {
 public:
  LegacyIds(const compose::Project& project, const cloudformation::Template& target);

  // Today's spelling of `id`; `id` itself when it is none of theirs.
  [[nodiscard]] std::string current(const std::string& id) const;

 private:
  void add_balancer_ids(const compose::Project& project,
                        const cloudformation::Template& target,
                        const std::string& project_part);
  void add_spelling(const std::string& id,
                    const std::string& part,
                    const std::vector<std::string>& old_parts);

  std::map<std::string, std::string> ids_;
};

}  // namespace convert
