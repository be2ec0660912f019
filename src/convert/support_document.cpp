#include "convert/support_document.hpp"

#include "convert/support_matrix.hpp"

namespace convert {

std::string support_document() {
  std::string out =
      "# Compose attributes on ECS\n"
      "\n"
      "Generated from the table the converter reports from; do not edit. An attribute without a row of its own shares its\n"
      "parent's.\n"
      "\n"
      "* **converted**: the same meaning on ECS\n"
      "* **approximated**: nearly the same; `check` says where the difference bites\n"
      "* **irrelevant**: nothing on ECS depends on it (a note)\n"
      "* **ignored**: its meaning is lost (a warning)\n"
      "* **refused**: the application would be wrong without it (an error)\n"
      "\n"
      "| attribute of a service | support | on ECS | instead |\n"
      "|---|---|---|---|\n";
  for (const SupportRow& row : support_matrix()) {
    out += "| `" + std::string(row.attribute) + "` | " + std::string(support_word(row.support)) +
           " | " + std::string(row.effect) + " | " + std::string(row.alternative) + " |\n";
  }
  return out;
}

}  // namespace convert
