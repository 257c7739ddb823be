use super::*;

const OTHER: ClassId = ClassId(2);

#[test]
fn a_class_is_admitted_by_governance_alone() {
	Market::default().run(|| {
		assert_noop!(Index::set_class(RuntimeOrigin::signed(1), OTHER, Price(5)), DispatchError::BadOrigin);
		assert_ok!(Index::set_class(RuntimeOrigin::root(), OTHER, Price(5)));
		assert_eq!(Index::floor_price(OTHER), Some(Price(5)));
		assert_eq!(events(), [Event::ClassAdmitted { class: OTHER, floor: Price(5) }]);
		assert_eq!(Index::floor_price(ClassId(3)), None);
	})
}

#[test]
fn a_floor_is_positive_and_bounded() {
	Market::default().run(|| {
		for floor in [0, -1, gcx_primitives::MAX_PRICE + 1, i64::MIN, i64::MAX] {
			let refused = Index::set_class(RuntimeOrigin::root(), OTHER, Price(floor));
			assert_noop!(refused, Error::<Test>::InvalidFloor);
		}
	})
}

#[test]
fn there_is_room_for_so_many_classes() {
	Market::default().run(|| {
		assert_ok!(Index::set_class(RuntimeOrigin::root(), ClassId(2), Price(5)));
		assert_ok!(Index::set_class(RuntimeOrigin::root(), ClassId(3), Price(5)));
		assert_noop!(Index::set_class(RuntimeOrigin::root(), ClassId(4), Price(5)), Error::<Test>::TooManyClasses);
	})
}

#[test]
fn another_floor_holds_from_the_day_after_tomorrow() {
	Market::default().run(|| {
		assert_ok!(Index::set_class(RuntimeOrigin::root(), CLASS, Price(7)));
		next_day();
		assert_eq!(Index::floor_price(CLASS), Some(FLOOR));
		next_day();
		assert_eq!(Index::floor_price(CLASS), Some(Price(7)));
		// One more, after which the one before is what holds until then.
		assert_ok!(Index::set_class(RuntimeOrigin::root(), CLASS, Price(9)));
		assert_eq!(Index::floor_price(CLASS), Some(Price(7)));
	})
}
