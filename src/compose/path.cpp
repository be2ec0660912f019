#include "compose/path.hpp"

namespace compose {

std::string Path::text(Items items) const {
  std::string out;
  for (const Step& step : steps_) {
    if (!out.empty()) {
      out += '.';
    }
    if (!step.is_item) {
      out += step.key;
    } else if (items == Items::brackets) {
      out += "[]";
    } else if (items == Items::numbered) {
      out += "[" + std::to_string(step.index) + "]";
    } else {
      out += std::to_string(step.index);
    }
  }
  return out;
}

}  // namespace compose
