#include "convert/support_document.hpp"

#include "convert/support_elements.hpp"
#include "convert/support_matrix.hpp"

namespace convert {
namespace {

std::string support_rows(std::span<const SupportRow> rows) {
  std::string out;
  for (const SupportRow& row : rows) {
    out += "| `" + std::string(row.attribute) + "` | " + std::string(support_word(row.support)) +
           " | " + std::string(row.effect) + " | " + std::string(row.alternative) + " |\n";
  }
  return out;
}

}  // namespace

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
  out += support_rows(support_matrix());
  out +=
      "\n## Outside of services\n"
      "\n"
      "| attribute | support | on ECS | instead |\n"
      "|---|---|---|---|\n";
  out += support_rows(element_support());
  out +=
      "\n## Keys of our own\n"
      "\n"
      "| in | key | meaning | known from |\n"
      "|---|---|---|---|\n";
  for (const ExtensionRow& row : extension_rows()) {
    out += "| " + std::string(row.place) + " | `" + std::string(row.key) + "` | " +
           std::string(row.meaning) + " | " + std::string(row.origin) + " |\n";
  }
  return out;
}

}  // namespace convert
