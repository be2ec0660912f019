#include <doctest/doctest.h>

#include "awsapi/ecs.hpp"
#include "awsapi/shape.hpp"
#include "doc/json_writer.hpp"

TEST_CASE("structs and shape tables come from one description") {
  awsapi::ecs::DescribeServicesRequest request;
  request.cluster = "app";
  request.services = {"web"};
  CHECK(doc::to_json(request.to_node(awsapi::EmptyLists::omit)) ==
        R"({"cluster":"app","services":["web"]})");
  CHECK(request.operation().name == "DescribeServices");
  CHECK(request.operation().service().json_target == "AmazonEC2ContainerServiceV20141113");
  const auto back =
      awsapi::ecs::DescribeServicesRequest::from_node(request.to_node(awsapi::EmptyLists::omit));
  CHECK(back.services == request.services);
}

TEST_CASE("every operation is reachable by its service") {
  for (const awsapi::Service* service : awsapi::all_services()) {
    CHECK_FALSE(service->operations.empty());
    for (const awsapi::Operation& operation : service->operations) {
      CHECK(&operation.service() == service);
      CHECK(service->find(operation.name) == &operation);
    }
  }
}
