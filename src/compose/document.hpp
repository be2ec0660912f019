#pragma once

#include <string>
#include <vector>

#include "compose/problems.hpp"
#include "diag/span.hpp"
#include "doc/node.hpp"
#include "doc/yaml_reader.hpp"

namespace compose {

// The paths of a document whose values were tagged !reset or !override: what earlier files say
// there does not count.
using Resets = std::vector<std::vector<std::string>>;

struct Document {
  doc::Node root;
  Resets resets;
};

// Takes the tags of a document as it was read: remembers their paths, removes what is tagged
// !reset, and the tags. Stops when a key is no string or the root no mapping.
Document take_document(doc::YamlDocument document, Problems& problems);

// Removes from `target` what the paths name.
void apply_resets(doc::Node& target, const Resets& resets);
// The same for the one resource `section.name`, which stands alone.
void apply_resets(doc::Node& resource,
                  std::string_view section,
                  std::string_view name,
                  const Resets& resets);

}  // namespace compose
