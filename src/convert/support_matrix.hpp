#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace convert {

// What becomes of a Compose attribute. Diagnostics and the documentation both come from this table.
enum class Support : std::uint8_t {
  converted,     // the same meaning on ECS
  approximated,  // nearly; the difference is in `effect`, and reported where it bites
  irrelevant,    // nothing on ECS depends on it; reported as a note
  ignored,       // has a meaning that is lost; reported as a warning
  refused,       // without it the application is likely to be wrong; reported as an error
};

struct SupportRow {
  std::string_view attribute;  // below the service: "deploy.update_config.delay"
  Support support = Support::converted;
  std::string_view effect;       // what happens (instead); a clause after a colon, no period
  std::string_view alternative;  // what the user can do; may be empty
};

// Sorted by attribute.
std::span<const SupportRow> support_matrix();

// The row of the attribute or of the nearest attribute it belongs to; null when there is none.
const SupportRow* find_support(std::string_view attribute);

std::string_view support_word(Support support);

}  // namespace convert
