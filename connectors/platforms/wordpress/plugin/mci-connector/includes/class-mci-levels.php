<?php
/**
 * Stock and prices as MCI says.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * Sets levels, each with its own outcome.
 */
class MCI_Levels {

	/**
	 * Sets stock. What the shop has sold since it showed `told` (MCI may not have heard of it yet) is taken off.
	 *
	 * @param array<int,mixed> $levels id, quantity, told (or null).
	 * @return array<string,mixed> With what each product shows now.
	 */
	public function stock( array $levels ) {
		$shown  = array();
		$result = $this->each(
			$levels,
			function ( WC_Product $product, array $level ) use ( &$shown ) {
				$told = isset( $level['told'] ) ? $level['told'] : null;
				if ( ! isset( $level['quantity'] ) || ! is_int( $level['quantity'] ) || $level['quantity'] < 0 || ( null !== $told && ! is_int( $told ) ) ) {
					return 'bad_value';
				}
				$shown[ (string) $product->get_id() ] = self::set_stock( $product, $level['quantity'], $told );
				return '';
			}
		);
		return $result + array( 'stock' => (object) $shown );
	}

	/**
	 * Sets prices.
	 *
	 * @param array<int,mixed> $levels id, price, compare_at.
	 * @return array<string,mixed>
	 */
	public function prices( array $levels ) {
		return $this->each(
			$levels,
			function ( WC_Product $product, array $level ) {
				$compare_at = isset( $level['compare_at'] ) ? $level['compare_at'] : '';
				if ( ! isset( $level['price'] ) || ! MCI_Call::is_money( $level['price'] ) || ( '' !== $compare_at && ! MCI_Call::is_money( $compare_at ) ) ) {
					return 'bad_value';
				}
				self::set_price( $product, $level['price'], $compare_at );
				if ( $product->get_changes() ) {
					$product->save();
				}
				return '';
			}
		);
	}

	/**
	 * Sets a stock level, unless it is so already: as a step from what the database has, so that a sale that comes in
	 * between is not undone.
	 *
	 * @param WC_Product $product  The product.
	 * @param int        $quantity How many.
	 * @param int|null   $told     What it showed as far as MCI knows; null: it does not know.
	 * @return int What it shows now.
	 */
	public static function set_stock( WC_Product $product, $quantity, $told = null ) {
		if ( true !== $product->get_manage_stock( 'edit' ) ) {
			$product->set_manage_stock( true );
			$product->set_stock_quantity( $quantity );
			$product->save();
			return $quantity;
		}
		$has  = (int) $product->get_stock_quantity( 'edit' );
		$step = self::left( $quantity, $told, $has ) - $has;
		if ( 0 === $step ) {
			return $has;
		}
		$now = wc_update_product_stock( $product, abs( $step ), $step > 0 ? 'increase' : 'decrease' );
		return is_numeric( $now ) ? max( 0, (int) $now ) : $has + $step;
	}

	/**
	 * What may be shown of a stock level: less by what the shop has sold unheard, and never less than none.
	 *
	 * @param int      $quantity What MCI says.
	 * @param int|null $told     What the shop showed as far as MCI knows.
	 * @param int      $has      What it shows.
	 * @return int
	 */
	public static function left( $quantity, $told, $has ) {
		return max( 0, $quantity - max( 0, null === $told ? 0 : $told - $has ) );
	}

	/**
	 * Sets a price without saving.
	 *
	 * @param WC_Product $product    The product.
	 * @param string     $price      EUR, VAT included.
	 * @param string     $compare_at The price before, or "".
	 */
	public static function set_price( WC_Product $product, $price, $compare_at ) {
		$sale = '' !== $compare_at && (float) $compare_at > (float) $price;
		$product->set_regular_price( self::as_entered( $product, $sale ? $compare_at : $price ) );
		$product->set_sale_price( $sale ? self::as_entered( $product, $price ) : '' );
		if ( ! $sale ) {
			$product->set_date_on_sale_from( '' );
			$product->set_date_on_sale_to( '' );
		}
	}

	/**
	 * A price as this shop enters them: some enter it without VAT, which is then taken off exactly, so that the customer
	 * pays what MCI said.
	 *
	 * @param WC_Product $product The product.
	 * @param string     $gross   VAT included.
	 * @return string
	 * @throws MCI_Refusal When no price without VAT makes this one.
	 */
	private static function as_entered( WC_Product $product, $gross ) {
		if ( ! self::adds_tax( $product ) ) {
			return $gross;
		}
		$taxes = WC_Tax::calc_inclusive_tax( (float) $gross, self::rates( $product ) );
		$net   = wc_format_decimal( (float) $gross - array_sum( $taxes ), 6, true );
		if ( (float) self::as_paid( $product, $net ) !== (float) wc_format_decimal( $gross, 2 ) ) {
			throw new MCI_Refusal( 409, 'price_not_exact' );
		}
		return $net;
	}

	/**
	 * What a customer pays for a price as this shop enters it, as WooCommerce reckons it: the tax to the cent, then the
	 * sum.
	 *
	 * @param WC_Product $product The product.
	 * @param string     $entered The price; "" for none.
	 * @return string VAT included; "" for none.
	 */
	public static function as_paid( WC_Product $product, $entered ) {
		if ( '' === (string) $entered || ! is_numeric( $entered ) ) {
			return '';
		}
		$taxes = self::adds_tax( $product ) ? WC_Tax::calc_exclusive_tax( (float) $entered, self::rates( $product ) ) : array();
		$sum   = array_sum( array_map( static fn( $tax ) => round( $tax, 2 ), $taxes ) );
		return number_format( round( (float) $entered + $sum, 2 ), 2, '.', '' );
	}

	/**
	 * Whether tax comes on top of what is entered.
	 *
	 * @param WC_Product $product The product.
	 * @return bool
	 */
	private static function adds_tax( WC_Product $product ) {
		return wc_tax_enabled() && ! wc_prices_include_tax() && 'taxable' === $product->get_tax_status();
	}

	/**
	 * The tax rates of a product where the shop is.
	 *
	 * @param WC_Product $product The product.
	 * @return array<int,array<string,mixed>>
	 */
	private static function rates( WC_Product $product ) {
		return WC_Tax::get_base_tax_rates( $product->get_tax_class( 'unfiltered' ) );
	}

	/**
	 * Does something to each product.
	 *
	 * @param array<int,mixed> $levels Rows with an id.
	 * @param callable         $act    Gets the product and the row, gives an error code or "".
	 * @return array<string,mixed>
	 */
	private function each( array $levels, callable $act ) {
		$errors = array();
		foreach ( $levels as $level ) {
			$id = is_array( $level ) && isset( $level['id'] ) && is_int( $level['id'] ) ? $level['id'] : 0;
			try {
				$error = $this->refusal( $id );
				$error = '' === $error ? $act( wc_get_product( $id ), $level ) : $error;
			} catch ( MCI_Refusal $refusal ) {
				$error = $refusal->error;
			} catch ( Throwable $trouble ) { // Other plugins have a say in each save.
				$error = 'failed';
			}
			if ( '' !== $error ) {
				$errors[ (string) $id ] = $error;
			}
		}
		return array( 'errors' => (object) $errors );
	}

	/**
	 * Why a product takes no level; "" when it does.
	 *
	 * @param int $id The product.
	 * @return string
	 */
	private function refusal( $id ) {
		$product = $id > 0 ? wc_get_product( $id ) : null;
		if ( ! $product ) {
			return 'not_found';
		}
		if ( 'trash' === $product->get_status() || ( $product->get_parent_id() && 'trash' === get_post_status( $product->get_parent_id() ) ) ) {
			return 'trashed';
		}
		return in_array( $product->get_type(), array( 'simple', 'variation' ), true ) ? '' : 'not_stockable';
	}
}
