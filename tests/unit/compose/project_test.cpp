#include "compose/project.hpp"

#include <doctest/doctest.h>

TEST_CASE("scale wins over deploy.replicas, and one container is the default") {
  compose::Service service;
  CHECK(service.replicas() == 1);
  service.deploy.emplace().replicas = compose::Number{3, {}};
  CHECK(service.replicas() == 3);
  service.scale = compose::Number{2, {}};
  CHECK(service.replicas() == 2);
}

TEST_CASE("pairs are found by name") {
  const compose::Pairs pairs{{"a", "1", {}}, {"b", "2", {}}};
  CHECK(*compose::find(pairs, "b") == "2");
  CHECK(compose::find(pairs, "c") == nullptr);
}
