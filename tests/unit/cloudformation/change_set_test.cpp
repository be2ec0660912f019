#include "cloudformation/change_set.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

using cloudformation_test::json;
using cloudformation_test::parsed;

namespace {

std::string describe(const cloudformation::Change& c) {
  static constexpr std::array<std::string_view, 3> kActions = {"Add", "Modify", "Remove"};
  static constexpr std::array<std::string_view, 4> kReplacements = {
      "", " False", " Conditional", " True"};
  static constexpr std::array<std::string_view, 4> kCauses = {
      "Direct", "Parameter", "Reference", "Attribute"};
  std::string out(kActions.at(static_cast<std::size_t>(c.action)));
  out += " " + c.id + std::string(kReplacements.at(static_cast<std::size_t>(c.replacement)));
  out += c.policy_action.empty() ? "" : " " + c.policy_action;
  for (const auto& d : c.details) {
    out += " [" + d.property + " " + std::string(kCauses.at(static_cast<std::size_t>(d.cause))) +
           (d.is_static ? " Static" : " Dynamic") +
           (d.causing_entity.empty() ? "" : " " + d.causing_entity) + "]";
  }
  return out;
}

struct Stack {
  std::map<std::string, cloudformation::Deployed, std::less<>> deployed;
  std::vector<cloudformation::ParameterValue> before;
  std::vector<cloudformation::ParameterValue> after;

  void add(const std::string& id, std::string_view properties) {
    doc::Node node = json(properties);
    std::map<std::string, doc::Node, std::less<>> attributes;
    for (const doc::Entry& e : node.as_mapping()->entries) {
      attributes.emplace(e.key.value, e.value);
    }
    deployed[id] = {"AWS::SNS::Topic", id + "-arn", node, attributes, ""};
  }

  [[nodiscard]] std::vector<std::string> plan(std::string_view text) const {
    const auto t = parsed(text);
    const cloudformation::Pseudo pseudo;
    const cloudformation_test::EchoSurroundings outside;
    const auto conditions =
        cloudformation::evaluate_conditions(t, cloudformation::to_scope(after), pseudo).value();
    const auto changes = cloudformation::plan_changes(
        {t, after, before, conditions, pseudo, outside, deployed, false});
    std::vector<std::string> out;
    for (const auto& change : changes.value()) {
      out.push_back(describe(change));
    }
    return out;
  }
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("recorded: what changes, is added and is removed") {
  Stack s;
  s.add("Gone", "{'TopicName': 'g'}");
  s.add("Kept", "{'TopicName': 'k'}");
  s.add("Topic", "{'TopicName': 't', 'DisplayName': 'one'}");
  CHECK(
      s.plan(
          "{'Resources': {"
          "'Topic': {'Type': 'AWS::SNS::Topic', 'Properties': {'TopicName': 't', 'DisplayName': 'two'}},"
          "'Kept': {'Type': 'AWS::SNS::Topic', 'Properties': {'TopicName': 'k'}},"
          "'New': {'Type': 'AWS::SNS::Topic', 'Properties': {'TopicName': 'n'}}}}") ==
      Lines{"Remove Gone Delete", "Add New", "Modify Topic False [DisplayName Direct Static]"});
}

TEST_CASE("recorded: a replaced resource changes what refers to it") {
  Stack s;
  s.add("Topic1", "{'TopicName': 'a', 'DisplayName': 'value'}");
  s.add("Topic2", "{'TopicName': 'b', 'DisplayName': 'Topic1-arn'}");
  CHECK(
      s.plan(
          "{'Resources': {"
          "'Topic1': {'Type': 'AWS::SNS::Topic', 'Properties': {'TopicName': 'new', 'DisplayName': 'value'}},"
          "'Topic2': {'Type': 'AWS::SNS::Topic', 'Properties': {'TopicName': 'b', 'DisplayName': {'Ref': 'Topic1'}}}}}") ==
      Lines{
          "Modify Topic1 True ReplaceAndDelete [TopicName Direct Static]",
          "Modify Topic2 False [DisplayName Reference Static Topic1] [DisplayName Direct Dynamic]"});
}

TEST_CASE("recorded: an attribute of what changes in place may change") {
  Stack s;
  s.add("Topic1", "{'TopicName': 'a', 'DisplayName': 'value'}");
  s.add("Topic2", "{'TopicName': 'b', 'DisplayName': 'value'}");
  CHECK(
      s.plan(
          "{'Resources': {"
          "'Topic1': {'Type': 'AWS::SNS::Topic', 'Properties': {'TopicName': 'a', 'DisplayName': 'new'}},"
          "'Topic2': {'Type': 'AWS::SNS::Topic', 'Properties': {'TopicName': 'b', 'DisplayName': "
          "{'Fn::GetAtt': ['Topic1', 'DisplayName']}}}}}") ==
      Lines{"Modify Topic1 False [DisplayName Direct Static]",
            "Modify Topic2 False [DisplayName Attribute Dynamic Topic1.DisplayName]"});
}

TEST_CASE("recorded: a changed parameter is named") {
  Stack s;
  s.add("Foo", "{'TopicName': 'one'}");
  s.before = {{"Name", "one", {}, false, false}};
  s.after = {{"Name", "two", {}, false, false}};
  CHECK(
      s.plan("{'Parameters': {'Name': {'Type': 'String'}}, 'Resources': {'Foo': {'Type': "
             "'AWS::SNS::Topic', 'Properties': {'TopicName': {'Ref': 'Name'}}}}}") ==
      Lines{"Modify Foo True ReplaceAndDelete [TopicName Parameter Static Name] [TopicName Direct "
            "Dynamic]"});
}

TEST_CASE("nothing to do is an empty plan") {
  Stack s;
  s.add("Foo", "{'TopicName': 'one'}");
  CHECK(s.plan("{'Resources': {'Foo': {'Type': 'AWS::SNS::Topic', 'Properties': {'TopicName': "
               "'one'}}}}")
            .empty());
}
