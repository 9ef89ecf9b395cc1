// SPDX-License-Identifier: MIT
#include <array>
#include <stdexcept>
#include <string>
#include <thread>

#include "support/catch.hpp"

#include <base/fiber.hpp>

using tickertape::base::Fiber;

TEST_CASE("fiber: a function resumes where it paused, and its local variables stay") {
    std::string told;
    Fiber* self = nullptr;
    Fiber fiber{[&] {
        const std::string own = "kept";
        told += "begun ";
        self->pause();
        told += own;
        self->pause();
        told += " ended";
    }};
    self = &fiber;
    fiber.resume();
    CHECK(told == "begun ");
    fiber.resume();
    CHECK(told == "begun kept");
    CHECK_FALSE(fiber.has_ended());
    fiber.resume();
    CHECK(told == "begun kept ended");
    CHECK(fiber.has_ended());
}

TEST_CASE("fiber: trimming keeps the used part of the stack") {
    Fiber* self = nullptr;
    unsigned sum = 0;
    Fiber fiber{[&] {
        std::array<unsigned, 20'000> numbers{}; // more than a page
        for (unsigned i = 0; i < numbers.size(); ++i) {
            numbers.at(i) = i;
        }
        self->pause();
        for (const unsigned number : numbers) {
            sum += number;
        }
    }};
    self = &fiber;
    fiber.resume();
    fiber.trim();
    fiber.resume();
    CHECK(sum == 20'000U * 19'999U / 2);
}

TEST_CASE("fiber: exceptions are thrown and caught on each side of a pause, on whatever thread") {
    Fiber* self = nullptr;
    std::string caught;
    Fiber fiber{[&] {
        try {
            self->pause();
            throw std::runtime_error{"inside"};
        } catch (const std::exception& error) {
            caught += error.what();
        }
    }};
    self = &fiber;
    fiber.resume();
    try {
        throw std::runtime_error{"outside, "};
    } catch (const std::exception& error) {
        caught += error.what();
    }
    std::thread{[&] { fiber.resume(); }}.join();
    CHECK(caught == "outside, inside");
    CHECK(fiber.has_ended());
}

TEST_CASE("fiber: one that never begins releases its function") {
    const auto held = std::make_shared<int>(1);
    {
        const Fiber fiber{[held] {}};
    }
    CHECK(held.use_count() == 1);
}
