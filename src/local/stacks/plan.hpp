#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cloudformation/evaluate.hpp"
#include "cloudformation/graph.hpp"
#include "local/providers/provider.hpp"
#include "local/stacks/book.hpp"

namespace local::stacks {

// A definition made ready to be deployed: parsed, its conditions decided, its resources in order.
struct Plan {
  cloudformation::Template document;
  cloudformation::Parameters parameters;
  cloudformation::Conditions conditions;
  cloudformation::Pseudo pseudo;
  cloudformation::Graph graph;
  std::vector<std::size_t> order;  // of the resources that exist under the conditions

  [[nodiscard]] bool has(std::string_view logical_id) const;
};

// The error is CloudFormation's text.
cloudformation::Evaluated<Plan> make_plan(const Context& context,
                                          const std::string& stack_name,
                                          const std::string& stack_id,
                                          const Definition& definition);

// JSON or YAML text of a template, parsed; the error is CloudFormation's text.
cloudformation::Evaluated<cloudformation::Template> read_template(std::string_view body);

cloudformation::Pseudo pseudo_parameters(const Context& context,
                                         const std::string& stack_name,
                                         const std::string& stack_id);

// What templates can see of this engine: the resources of one stack as they are, other stacks'
// exports, the parameter and secret stores.
class LiveSurroundings final : public cloudformation::Surroundings {
 public:
  LiveSurroundings(const Providing& providing, Book& book, const std::string& stack_id)
      : providing_(providing), book_(book), stack_id_(stack_id) {}

  cloudformation::Evaluated<doc::Node> ref(const cloudformation::Resource& resource) const override;
  cloudformation::Evaluated<doc::Node> attribute(const cloudformation::Resource& resource,
                                                 std::string_view name) const override;
  cloudformation::Evaluated<doc::Node> imported(std::string_view export_name) const override;
  cloudformation::Evaluated<std::string> dynamic(
      const cloudformation::DynamicReference& reference) const override;

  // Export names that were asked for since construction.
  [[nodiscard]] const std::vector<std::string>& imports() const { return imports_; }

 private:
  const Providing& providing_;
  Book& book_;
  std::string stack_id_;
  mutable std::vector<std::string> imports_;
};

// A value of the engine's parameter store, for parameters of SSM types.
cloudformation::Evaluated<std::string> stored_parameter(const Providing& providing,
                                                        const std::string& name);

}  // namespace local::stacks
